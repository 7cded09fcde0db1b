import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';
import type { Check } from './check.ts';
import { stacksOf } from './stacks.ts';

/** Response headers by which something between client and server shows itself. */
const TRACES = ['via', 'x-cache', 'cf-ray', 'x-served-by', 'x-amz-cf-id', 'x-varnish', 'age'];

/** What lies between, and what the server says of itself. */
export function wayChecks(diagnosis: Diagnosis): Check[] {
  const { proxy, headers, session, era, protocolVersion } = diagnosis;
  const traces = [...TRACES, 'server'].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [`${name}: ${value}`];
  });
  const shown = traces.some((trace) => !trace.startsWith('server:'));
  const way = proxy === undefined ? 'no proxy is configured' : `through the proxy ${proxy}`;
  const stacks = stacksOf(diagnosis).map(({ name }) => name);
  const like = stacks.length === 0 ? '' : `; it looks like ${stacks.join(' and ')}`;
  const told = `${traces.length === 0 ? 'no header names one' : `the headers say ${traces.join(', ')}`}${like}`;
  return [
    {
      topic: 'Between here and the server',
      verdict: proxy === undefined && !shown ? 'good' : 'note',
      seen: `${way}; ${told}`,
    },
    {
      topic: 'Protocol',
      verdict: 'good',
      seen: `${protocolVersion}${era === 'legacy' ? `, ${session ? 'with' : 'without'} a session` : ', which has no sessions'}`,
    },
  ];
}
