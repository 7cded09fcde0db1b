import { SluiceError } from '../errors.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { ElicitRequest, ElicitResult, Implementation, Root } from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';

/** What this client can do for a server that asks. Absent members are not declared as capabilities. */
export interface ClientFeatures {
  readonly elicit?: ((request: ElicitRequest, signal: AbortSignal) => Promise<ElicitResult>) | undefined;
  readonly roots?: (() => readonly Root[]) | undefined;
}

export interface ClientIdentity {
  readonly info: Implementation;
  readonly features: ClientFeatures;
}

/** `ClientCapabilities`, as one revision spells them. */
export function clientCapabilities(features: ClientFeatures, revision: Revision): Record<string, unknown> {
  const capabilities: Record<string, unknown> = {};
  if (features.elicit !== undefined && revision.elicitation !== 'none')
    capabilities['elicitation'] = revision.elicitation === 'form-and-url' ? { form: {}, url: {} } : {};
  if (features.roots !== undefined) capabilities['roots'] = {};
  return capabilities;
}

/**
 * Does what a server asks of its client: as a request on a stream (legacy) or inside `input_required` (modern).
 * @throws SluiceError `input-required-failed` where this client cannot do it
 */
export async function fulfil(
  method: string,
  params: unknown,
  features: ClientFeatures,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  if (method === 'ping') return {};
  if (method === 'roots/list' && features.roots !== undefined) return { roots: features.roots() };
  if (method === 'elicitation/create' && features.elicit !== undefined) {
    const request = readElicitRequest(params);
    const answer = await features.elicit(request, signal);
    return answer.action === 'accept' && request.mode === 'form'
      ? { ...answer, content: { ...defaultsOf(request.requestedSchema), ...answer.content } }
      : { ...answer };
  }
  throw new SluiceError(
    'input-required-failed',
    `The server asks for ${method}, which this client does not offer`,
    {
      phase: 'response',
      delivery: 'answered',
      hint: 'Sluice declares what it offers; this server asks for more than that.',
    },
  );
}

function readElicitRequest(params: unknown): ElicitRequest {
  if (!isObject(params) || typeof params['message'] !== 'string') throw malformed('it has no "message"');
  const { message, mode = 'form', url, requestedSchema } = params;
  if (mode === 'url') {
    if (typeof url !== 'string' || !URL.canParse(url)) throw malformed('its "url" is not a URL');
    return { mode, message, url };
  }
  // "Clients MUST treat requests without a mode field as form mode."
  if (mode !== 'form') throw malformed(`its "mode" is ${JSON.stringify(mode)}`);
  if (!isObject(requestedSchema)) throw malformed('its "requestedSchema" is not an object');
  return { mode, message, requestedSchema };
}

function malformed(problem: string): SluiceError {
  return new SluiceError('input-required-failed', `The server’s elicitation cannot be shown: ${problem}`, {
    phase: 'response',
    delivery: 'answered',
    hint: 'See the elicitation page of the specification.',
  });
}

/** Defaults of a form's fields: what the user leaves out is sent as the server proposed it. */
function defaultsOf(schema: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const properties = schema?.['properties'];
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, field]) =>
      isObject(field) && field['default'] !== undefined ? [[name, field['default']]] : [],
    ),
  );
}
