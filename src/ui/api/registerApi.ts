import type { CallOptions, CallOutcome } from '../../core/servers/callOutcome.ts';
import type { Calls } from '../calls/calls.ts';
import type { ToolCall } from '../history/shownCall.ts';
import type { UiContext } from '../servers/uiContext.ts';
import { ApiAccess } from './apiAccess.ts';

export function registerApi({ servers, context }: UiContext, calls: Calls) {
  const access = new ApiAccess(servers, context.globalState);
  /**
   * Calls a tool for another extension.
   * @param id of the extension, as it says; undefined where it does not
   * @throws SluiceError
   */
  const callFor = (id: string | undefined, call: ToolCall, options: CallOptions): Promise<CallOutcome> => {
    const initiator = { kind: 'extension', ...(id === undefined ? {} : { id }) } as const;
    return calls.call(call, options, initiator, (signal) => access.permit(call, id, signal));
  };
  return { callFor, commands: { revokeAccess: () => access.revoke() } };
}
