import { describe, expect, it } from 'vitest';
import { Transaction } from '../../../../src/engine/session/transaction.js';
import { xforward } from '../../../../src/engine/stages/xforward.js';
import { NULL_SENDER } from '../../../../src/smtp/mailbox.js';
import { bareSession } from '../../../helpers/bare-session.js';

const LISTENER = { xclientNetworks: ['192.0.2.7'] };

describe('XFORWARD', () => {
  it('is for the networks of the listener alone, between transactions', () => {
    expect(xforward(bareSession().session, 'ADDR=192.0.2.1').reply.code).toBe(550);
    const { session } = bareSession({ listener: LISTENER });
    session.transaction = new Transaction('s1-1', NULL_SENDER, {});
    expect(xforward(session, 'ADDR=192.0.2.1').reply.code).toBe(503);
  });

  it('refuses what it does not know', () => {
    const { session } = bareSession({ listener: LISTENER });
    expect(xforward(session, 'LOGIN=ann').reply.code).toBe(501);
    expect(xforward(session, '').reply.code).toBe(501);
  });

  it('notes what is told and changes nothing', () => {
    const { session, policies } = bareSession({ listener: LISTENER });
    const answer = xforward(session, 'NAME=[UNAVAILABLE] ADDR=198.51.100.1 IDENT=4Xz1 SOURCE=remote');
    expect(`${answer.reply.code} ${answer.reply.enhanced}`).toBe('250 2.0.0');
    expect(session.peer.remoteIp).toBe('192.0.2.7');
    expect(policies.notes).toEqual([
      {
        at: 'XFORWARD',
        reason: 'told-by-relay',
        text: 'name=unknown addr=198.51.100.1 ident=4Xz1 source=REMOTE',
      },
    ]);
  });
});
