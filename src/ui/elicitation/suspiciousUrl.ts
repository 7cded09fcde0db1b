/** What a person should know of a web address before it is opened; nothing where it is what it looks like. */
export function warningsAbout({ hostname, username, password }: URL): string[] {
  const warnings: string[] = [];
  // `URL` writes letters of other alphabets in Punycode, whichever way they were given.
  if (hostname.split('.').some((label) => label.startsWith('xn--')))
    warnings.push('The name of the host has letters of other alphabets: it may imitate another one.');
  if (username !== '' || password !== '')
    warnings.push(`The part before the @ is not the host: the host is ${hostname}.`);
  return warnings;
}
