import * as vscode from 'vscode';
import type { ProxySettings } from '../core/config/proxyFor.ts';
import type { ServerConfig } from '../core/config/serverConfig.ts';

/**
 * VS Code's own settings of proxies, read as its patch of `http` in extensions reads them: what holds on the machine
 * that runs this code. A workspace cannot set any of them (their scope is the application, or the machine), so that no
 * folder that was cloned redirects what is sent.
 */
export function readProxySettings(): ProxySettings {
  const settings = vscode.workspace.getConfiguration('http');
  const text = (key: string) => {
    const value = settings.get<unknown>(key);
    return typeof value === 'string' ? value : '';
  };
  const noProxy = settings.get<unknown>('noProxy');
  return {
    proxy: text('proxy'),
    noProxy: Array.isArray(noProxy) ? noProxy.filter((pattern) => typeof pattern === 'string') : [],
    authorization: text('proxyAuthorization'),
    strictSSL: settings.get<unknown>('proxyStrictSSL') !== false,
    support: text('proxySupport'),
  };
}

/** `config`, without trust in the system's certificates where VS Code itself is told to leave them alone. */
export function withTrust(config: ServerConfig): ServerConfig {
  const systemCertificates = vscode.workspace.getConfiguration('http').get<unknown>('systemCertificates');
  return systemCertificates === false
    ? { ...config, tls: { ...config.tls, systemCertificates: false } }
    : config;
}
