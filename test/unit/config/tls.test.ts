import { describe, expect, test } from 'vitest';
import { told } from './parse.ts';

const withTls = (tls: unknown, url = 'https://h/mcp') => told({ url, tls });

describe('the tls settings of a server', () => {
  test.each([
    [
      'pem',
      { ca: '-----BEGIN CERTIFICATE-----\nMII' },
      '.ca: found the contents of a PEM file; save them to a file and write its path',
    ],
    [
      'home',
      { ca: '~/ca.pem' },
      '.ca: found "~/ca.pem", and "~" has no meaning here; write "${env:HOME}/ca.pem", on Windows with "${env:USERPROFILE}"',
    ],
    [
      'no key',
      { cert: 'c.pem' },
      '.cert: found without "key"; add "key": a client\'s certificate and its key are used together',
    ],
    [
      'no cert',
      { key: 'k.pem' },
      '.key: found without "cert"; add "cert": a client\'s certificate and its key are used together',
    ],
    ['empty', { servername: '' }, '.servername: found ""; write a text in quotes, or remove the key'],
    ['list', { ca: ['ca.pem'] }, '.ca: found a list; write a text in quotes, or remove the key'],
    [
      'no boolean',
      { rejectUnauthorized: 0 },
      '.rejectUnauthorized: found 0; write true or false, without quotes',
    ],
    ['no object', 'ca.pem', ': found "ca.pem"; write an object, such as { "ca": "certs/ca.pem" }'],
    [
      'misspelt',
      { serverName: 'h' },
      '.serverName: is not a key of Sluice and has no effect; did you mean "servername"?',
    ],
  ])('%s is an error', (_, tls, message) => {
    expect(withTls(tls)).toEqual([`E .tls${message}`]);
  });

  test('never shows a passphrase', () => {
    expect(withTls({ cert: 'c', key: 'k', passphrase: 123456 })).toEqual([
      'E .tls.passphrase: found a number; write a text in quotes, or remove the key',
    ]);
  });

  test('without effect are a warning', () => {
    expect(withTls({ ca: 'ca.pem' }, 'http://h/mcp')).toEqual([
      'W .tls: has no effect on an http:// URL; write the URL with https://, or remove it',
    ]);
    expect(withTls({ passphrase: 'x' })).toEqual([
      'W .tls.passphrase: found without "key"; add "key", or remove it',
    ]);
  });
});
