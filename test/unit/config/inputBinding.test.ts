import { describe, expect, test } from 'vitest';
import { inputBinding } from '../../../src/core/config/inputBinding.ts';
import type { InputQuestion } from '../../../src/core/config/variables.ts';

const question: InputQuestion = {
  server: 'docs',
  input: 'token',
  origin: 'https://h',
  path: '/mcp',
  places: [{ in: 'header', name: 'A' }],
  certificate: {},
};
const bound = inputBinding(question, 'user');

describe('an answer', () => {
  test.each<[string, Partial<InputQuestion>]>([
    ['server', { server: 'other' }],
    ['input', { input: 'other' }],
    ['host', { origin: 'https://g' }],
    ['scheme', { origin: 'http://h' }],
    ['port', { origin: 'https://h:8443' }],
    ['path', { path: '/attacker/mcp' }],
    ['query', { path: '/mcp?q=${input:token}' }],
    ['header', { places: [{ in: 'header', name: 'B' }] }],
    [
      'further place',
      {
        places: [
          { in: 'header', name: 'A' },
          { in: 'query', name: 'q' },
        ],
      },
    ],
    ['kind of place', { places: [{ in: 'query', name: 'A' }] }],
    ['way of checking', { certificate: { rejectUnauthorized: false } }],
    ['authority', { certificate: { ca: '/ca.pem' } }],
    ['name in the certificate', { certificate: { servername: 'g' } }],
  ])('is not given to another %s', (_, change) => {
    expect(inputBinding({ ...question, ...change }, 'user')).not.toBe(bound);
  });

  test('is not given to the settings of another scope', () => {
    expect(inputBinding(question, 'file:///a/.vscode/settings.json')).not.toBe(bound);
    expect(inputBinding(question, 'file:///a/.vscode/settings.json')).not.toBe(
      inputBinding(question, 'file:///b/.vscode/settings.json'),
    );
  });

  test('is given to the same entry, whatever the order of its places, and where what holds anyway is written out', () => {
    const two = [{ in: 'header', name: 'A' } as const, { in: 'header', name: 'B' } as const];
    expect(inputBinding({ ...question, places: two }, 'user')).toBe(
      inputBinding({ ...question, places: two.toReversed() }, 'user'),
    );
    expect(inputBinding({ ...question, certificate: { rejectUnauthorized: true } }, 'user')).toBe(bound);
  });
});
