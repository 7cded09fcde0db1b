import { createHash } from 'node:crypto';
import type { InputQuestion } from './variables.ts';

/**
 * What an answer to `${input:}` is bound to, as a short text: the same for the same question only. Another URL, another place in
 * the entry, another way of checking the certificate, or an entry of another settings file is another question.
 * @param scope whose settings have the entry: `user`, or the file of a workspace
 */
export function inputBinding(question: InputQuestion, scope: string): string {
  const { server, input, origin, path, certificate } = question;
  const places = question.places.map((place) => JSON.stringify(place)).sort();
  const { ca = '', servername = '', rejectUnauthorized = true } = certificate;
  const bound = [scope, server, input, origin, path, places, ca, servername, rejectUnauthorized];
  return createHash('sha256').update(JSON.stringify(bound)).digest('base64url');
}
