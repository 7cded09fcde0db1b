import type { CallTool } from '../calls/callTool.ts';
import type { ConnectionCommands } from '../servers/connectionCommands.ts';
import type { UiContext } from '../servers/uiContext.ts';
import { Diagnoses, type DiagnosisRequest } from './diagnoses.ts';

/** @param callTool asks for the call that is probed with */
export function registerDiagnosis(
  { servers, documents, clientInfo }: UiContext,
  connections: ConnectionCommands,
  callTool: CallTool,
) {
  const diagnoses = new Diagnoses({ servers, connections, callTool, documents, clientInfo });
  const commands = {
    diagnoseServer: (given?: string | DiagnosisRequest) =>
      diagnoses.start(typeof given === 'string' ? { server: given } : given),
  };
  return { commands };
}
