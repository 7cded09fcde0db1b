/** What the driver says last where it fails: the code of the error, for whoever ran it. */
export function lastWords(code: string): string {
  return `The driver ended with ${code}.`;
}
