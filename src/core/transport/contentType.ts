/** The type alone, in small letters: without parameters such as a charset. */
export function mediaTypeOf(contentType: string): string {
  // As nearly every answer has it.
  if (contentType === 'text/event-stream' || contentType === 'application/json') return contentType;
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
