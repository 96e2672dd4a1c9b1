import { describe, expect, it } from 'vitest';
import type { TraceRecord, TraceStep } from '../../../src/hooks/trace.js';
import { explainTrace } from '../../../src/traces/explain.js';

const refusal: TraceStep = {
  n: 1,
  at: 12.5,
  event: 'onConnect',
  action: 'reject',
  decidedBy: 'no-spam',
  explanation: '5.7.1 listed',
  handlers: [
    {
      policy: 'no-spam',
      ms: 11.2,
      reads: { remoteSmtpIp: '192.0.2.1', mailCount: 0 },
      calls: [{ method: 'checkDNSBL', args: ['bl.example'], result: { status: 'listed' }, ms: 10.1 }],
      writes: { smtpAction: 'reject' },
      edits: ['add X-Spam: yes'],
      verdict: 'reject',
    },
  ],
};

function explained(steps: readonly TraceStep[], more: Partial<TraceRecord> = {}, step?: TraceStep): string[] {
  const record: TraceRecord = {
    v: 1,
    session: '0m7c3k9qab1x',
    time: 1_767_225_600_000,
    listener: 'mx',
    remoteIp: '192.0.2.1',
    steps,
    ...more,
  };
  return [...explainTrace({ record, step })];
}

describe('the explanation of a trace', () => {
  it('tells what was read, asked, set, edited and decided', () => {
    expect(explained([refusal], { closed: 'quit' }, refusal)).toEqual([
      'session 0m7c3k9qab1x  2026-01-01T00:00:00.000Z  client 192.0.2.1  listener mx  (ended: quit)',
      '',
      '   1  onConnect  reject, decided by no-spam  (+12.5 ms)   <== this is the step you asked for',
      '    no-spam  decided: reject  (11.2 ms)',
      '      read   remoteSmtpIp = "192.0.2.1"',
      '      read   mailCount = 0',
      '      asked  checkDNSBL("bl.example") -> {"status":"listed"}  in 10.1 ms',
      '      set    smtpAction = "reject"',
      '      edit   add X-Spam: yes',
      '    text   5.7.1 listed',
    ]);
  });

  it('tells failures with their place, and the decisions of the engine', () => {
    const failure = { code: 'ERR_POLICY_THREW', message: 'no table', at: '/p/a.ts:3' };
    const empty = { reads: {}, writes: {}, calls: [], edits: [], ms: 1 };
    const text = explained([
      {
        n: 2,
        at: 1,
        event: 'onEhlo',
        action: '',
        handlers: [
          { policy: 'a', ...empty, verdict: 'failed', failure },
          { policy: 'b', ...empty, verdict: 'none' },
        ],
      },
      { n: 3, at: 2, event: 'RCPT', reason: 'relay-denied', text: '550 5.7.1 no' },
      { n: 4, at: 3, event: 'end-of-data', reason: 'queued', queueId: 'q-1', messageId: '<m@x>' },
    ]);
    expect(text.slice(2)).toEqual([
      '   2  onEhlo  no policy decided  (+1 ms)',
      '    a  FAILED  (1 ms)',
      '      error  ERR_POLICY_THREW: no table (/p/a.ts:3)',
      '    b  no decision  (1 ms)',
      '   3  RCPT  engine: relay-denied  (+2 ms)',
      '    text   550 5.7.1 no',
      '   4  end-of-data  engine: queued  (+3 ms)',
      '    queue id q-1',
      '    message id <m@x>',
    ]);
    expect(text[0]).toContain('(still open, or its end was not recorded)');
  });

  it('lets nobody write to the screen of the reader', () => {
    const evil = '\u001b[2J\u0007\r\n\u0000\u007f\u009b31m\u2028\u202e';
    const step: TraceStep = {
      n: 1,
      at: 0,
      event: 'onMailFrom',
      action: 'reject',
      decidedBy: `p${evil}`,
      explanation: evil,
      queueId: evil,
      messageId: evil,
      handlers: [
        {
          policy: evil,
          ms: 0,
          reads: { mailFrom: evil },
          writes: { smtpExplanation: evil },
          calls: [{ method: 'checkDNSBL', args: [evil], result: { text: evil }, ms: 0 }],
          edits: [evil],
          verdict: 'reject',
          failure: { code: 'ERR_POLICY_THREW', message: evil, at: `/p/${evil}` },
        },
      ],
    };
    const lines = [
      ...explained([step], { closed: evil, listener: evil, remoteIp: evil }, step),
      ...explained([{ n: 1, at: 0, event: evil, reason: evil, text: evil }]),
    ];
    expect(
      lines.filter((line) => /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/.test(line)),
    ).toEqual([]);
  });

  it('cuts long values', () => {
    const [, , , , , text = ''] = explained([
      { ...refusal, handlers: [], explanation: 'x'.repeat(5000) },
      refusal,
    ]);
    expect(explained([{ ...refusal, handlers: [], explanation: 'x'.repeat(5000) }])[3]?.length).toBeLessThan(
      330,
    );
    expect(text.length).toBeLessThan(330);
  });
});
