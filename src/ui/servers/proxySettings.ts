import * as vscode from 'vscode';
import type { ProxySettings } from '../../core/config/proxyFor.ts';
import type { ServerConfig } from '../../core/config/serverConfig.ts';

/**
 * VS Code's own settings of proxies, read as its patch of `http` in extensions reads them: what holds on the machine
 * that runs this code. A workspace cannot set any of them, so that no folder that was cloned redirects what is sent.
 */
export function readProxySettings(): ProxySettings {
  const text = (key: string) => {
    const value = readHttp(key);
    return typeof value === 'string' ? value : '';
  };
  const noProxy = readHttp('noProxy');
  return {
    proxy: text('proxy'),
    noProxy: Array.isArray(noProxy) ? noProxy.filter((pattern) => typeof pattern === 'string') : [],
    authorization: text('proxyAuthorization'),
    strictSSL: readHttp('proxyStrictSSL') !== false,
    support: text('proxySupport'),
  };
}

/** `config`, without trust in the system's certificates where VS Code itself is told to leave them alone. */
export function withTrust(config: ServerConfig): ServerConfig {
  return readHttp('systemCertificates') === false
    ? { ...config, tls: { ...config.tls, systemCertificates: false } }
    : config;
}

/**
 * VS Code gives these settings the scope of the application, or of the machine, and leaves out what a workspace says of them.
 * That is their definition's word, which this code does not depend on.
 */
function readHttp(key: string): unknown {
  const settings = vscode.workspace.getConfiguration('http');
  const found = settings.inspect<unknown>(key);
  const isOverridden = found?.workspaceValue !== undefined || found?.workspaceFolderValue !== undefined;
  return isOverridden ? (found.globalValue ?? found.defaultValue) : settings.get<unknown>(key);
}
