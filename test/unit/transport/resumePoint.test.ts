import { describe, expect, it } from 'vitest';
import type { SseEvent } from '../../../src/core/sse/sseEvents.ts';
import { ResumePoint } from '../../../src/core/transport/resumePoint.ts';

describe('where a stream is taken up again', () => {
  it('is waited for as long as the server wants, an hour at most', () => {
    const point = new ResumePoint();
    point.onRetry(5_000);
    expect(point.retryMs).toBe(5_000);
    point.onRetry(1e20);
    expect(point.retryMs).toBe(3_600_000);
  });

  it('is told by an id that fits into a header', () => {
    const point = new ResumePoint();
    point.onId('x'.repeat(4_096));
    expect(point.isKnown).toBe(true);
    point.onId('x'.repeat(4_097));
    expect(point.isKnown).toBe(false);
  });

  it('knows the last 1,000 ids again, and no more', () => {
    const point = new ResumePoint();
    for (let n = 0; n < 1_001; n++) point.onId(`${n}`);
    point.reconnecting();
    const isKnown = (id: string) => point.isRepeat({ id } as SseEvent);
    expect([isKnown('0'), isKnown('1'), isKnown('1000')]).toEqual([false, true, true]);
  });
});
