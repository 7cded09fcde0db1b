/**
 * The door of core.cjs: all that opens connections, with its types. What may be loaded late is taken from here, and never from its own
 * file. Types, and functions that keep and open nothing, may be imported from where they are. Two doors are beside this one, of bundles
 * of their own: benchmark/runBenchmark and diagnosis/runDiagnosis.
 */
export type { BenchmarkPlan } from './benchmark/benchmarkPlan.ts';
export type { BenchmarkReport } from './benchmark/benchmarkReport.ts';
export type { Comparison } from './benchmark/compareRuns.ts';
export type { BenchmarkProgress } from './benchmark/runBenchmark.ts';
export type { Diagnosis, DiagnosisLimits, Probe } from './diagnosis/diagnosis.ts';
export type { DiagnosisProgress } from './diagnosis/runDiagnosis.ts';
export { isSluiceError, SluiceError } from './errors.ts';
export type { Connector, OpenedSocket } from './http/connector.ts';
export type { RequestDispatcher } from './http/dispatcherConnection.ts';
export type {
  CallToolResult,
  Completion,
  CompletionRequest,
  ContentBlock,
  ElicitOrigin,
  ElicitRequest,
  ElicitResult,
  GetPromptResult,
  Implementation,
  LogLevel,
  LogMessage,
  Progress,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceContents,
  ResourceTemplate,
  Root,
  SampleRequest,
  SampleResult,
  Skill,
  SkillResource,
  Task,
  TaskStatus,
  Tool,
} from './mcp/mcpTypes.ts';
export { LOG_LEVELS } from './mcp/mcpTypes.ts';
export { checkSchema } from './mcp/schemaChecker.ts';
export type { SchemaOutcome } from './mcp/schemaJudge.ts';
export type { SchemaViolation } from './mcp/schemaWords.ts';
export type { ServerEvents } from './mcp/serverEvents.ts';
export type { ServerInfo } from './mcp/serverInfo.ts';
export type { SentText } from './mcp/toolResult.ts';
export { UNREADABLE } from './mcp/toolResult.ts';
export type { Clock } from './metrics/clock.ts';
export { systemClock } from './metrics/clock.ts';
export type { Finding } from './metrics/finding.ts';
export type { Initiator } from './metrics/initiator.ts';
export type { DrainOutcome, DrainReport, RequestTiming, WireInfo } from './metrics/requestTiming.ts';
export type {
  AskOptions,
  CallOptions,
  CallOutcome,
  RecordOptions,
  TaskCallOptions,
} from './servers/callOutcome.ts';
export type { AnsweredCall, CallRecord, FailedCall, OnRecord } from './servers/callRecord.ts';
export type { ListOptions, McpServerOptions } from './servers/mcpServer.ts';
export { McpServer } from './servers/mcpServer.ts';
export type { ServerCallbacks } from './servers/serverCallbacks.ts';
export type { Carrier } from './servers/serverLink.ts';
export { ServerManager } from './servers/serverManager.ts';
export type { ServerSnapshot } from './servers/serverSnapshot.ts';
export type { ServerState } from './servers/serverState.ts';
export type { TraceEvent, TraceLevel } from './trace/traceEvent.ts';
export type { RecordedEvents } from './trace/tracer.ts';
