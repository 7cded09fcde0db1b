/** The one resource of the demo: what the `links` tool links to, and what `resources/read` reads. */
export const handbook = {
  uri: 'demo://sluice/handbook',
  name: 'handbook',
  title: 'The lock keeper’s handbook',
  description: 'How to let water through: a short text in Markdown',
  mimeType: 'text/markdown',
  text: [
    '# The lock keeper’s handbook',
    '',
    '1. Open the gate only as far as the water asks for.',
    '2. Let the chamber drain before the next boat.',
    '3. Where draining takes longer than a new chamber, open the next gate early.',
    '',
  ].join('\n'),
} as const;
