import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';
import type { Check } from './check.ts';

/** Response headers by which something between client and server shows itself. */
const TRACES = ['via', 'x-cache', 'cf-ray', 'x-served-by', 'x-amz-cf-id', 'x-varnish', 'age'];

/** What lies between, and what the server says of itself. */
export function wayChecks({ proxy, answer, session, era, protocolVersion }: Diagnosis): Check[] {
  const headers = answer?.headers ?? {};
  const traces = [...TRACES, 'server'].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [`${name}: ${value}`];
  });
  const shown = traces.some((trace) => !trace.startsWith('server:'));
  const way = proxy === undefined ? 'no proxy is configured' : `through the proxy ${proxy}`;
  const told = traces.length === 0 ? 'no header names one' : `the headers say ${traces.join(', ')}`;
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
