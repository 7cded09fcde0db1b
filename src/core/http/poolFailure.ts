import type { PoolConfig } from '../config/serverConfig.ts';
import { SluiceError } from '../errors.ts';
import type { PoolCounts } from './poolCounts.ts';

export function queueTimeout(
  { queueTimeout, maxConnections }: PoolConfig,
  { busy, draining }: PoolCounts,
): SluiceError {
  return new SluiceError(
    'queue-timeout',
    `No connection became free in ${queueTimeout} ms: ${busy} carry calls, ${draining} are being drained, ` +
      `at most ${maxConnections} are allowed`,
    {
      phase: 'queued',
      delivery: 'not-sent',
      hint: 'Raise sluice.pool.maxConnections, or look at what the calls before this one wait for.',
    },
  );
}

export function closedError(): SluiceError {
  return new SluiceError('closed', 'The connection to this server was closed', {
    phase: 'queued',
    delivery: 'unknown',
    hint: 'It was disconnected, or its settings changed.',
  });
}

export function queueFull(queued: number): SluiceError {
  return new SluiceError('queue-full', `${queued} requests wait for a connection already`, {
    phase: 'queued',
    delivery: 'not-sent',
    hint: 'Send fewer at once.',
  });
}

export function tooManyStreams(streams: number): SluiceError {
  return new SluiceError('queue-full', `${streams} long-lived streams are open to this server already`, {
    phase: 'queued',
    delivery: 'not-sent',
    hint: 'End a subscription first.',
  });
}

export function noPlaceBeside(ms: number): SluiceError {
  return new SluiceError(
    'queue-full',
    `The stream was closed: for ${Math.round(ms)} ms the dispatcher could not begin a request beside it`,
    {
      phase: 'stream',
      delivery: 'unknown',
      hint: 'Give the dispatcher more connections than there are long-lived streams.',
    },
  );
}

export function lostBeforeSending(times: number): SluiceError {
  return new SluiceError(
    'connection-lost',
    `The server closed ${times} connections before a request could be written`,
    {
      phase: 'sent',
      delivery: 'not-sent',
      hint: 'The server, or a proxy before it, closes connections as soon as they are open: look at its log.',
    },
  );
}

export function refusedAgain(times: number): SluiceError {
  return new SluiceError(
    'connection-lost',
    `The server refused the request ${times} times without processing it`,
    {
      phase: 'sent',
      delivery: 'not-sent',
      hint: 'The server is overloaded, or allows fewer streams at once than it says: look at its log.',
    },
  );
}
