/**
 * From the outcome of an event to the reply on the wire.
 *
 * `reject` and `tmpreject` have a built-in reply per event. smtpExplanation gives the text, and
 * may begin with a reply code and an enhanced code of its own; they are used only where they say
 * what the action says, so that a policy cannot refuse with a success code. `accept`, `discard`
 * and no action make no reply: the stage goes on.
 *
 * Callers: run-stage.ts.
 */
import type { Outcome } from '../../hooks/ports.js';
import { type OwnCodes, splitCodes } from '../../smtp/own-codes.js';
import { type Reply, reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';

/** The events of a session, in order. */
export type InboundEvent =
  | 'onConnect'
  | 'onEhlo'
  | 'onMailFrom'
  | 'onRcptTo'
  | 'onHeadersReceived'
  | 'onBodyChunk'
  | 'onDataReceived';

interface Refusals {
  readonly reject: Reply;
  readonly tmpreject: Reply;
}

const CONTENT: Refusals = {
  reject: reply(554, '5.7.1', 'Message refused'),
  tmpreject: reply(451, '4.7.1', 'Message refused for now; try again later'),
};

const REFUSALS: Readonly<Record<InboundEvent, Refusals>> = {
  onConnect: {
    reject: reply(554, '5.7.1', 'Connection refused', { close: true }),
    tmpreject: reply(421, '4.7.1', 'Connection refused for now; try again later'),
  },
  onEhlo: {
    reject: reply(550, '5.7.1', 'Greeting refused'),
    tmpreject: reply(451, '4.7.1', 'Greeting refused for now; try again later'),
  },
  onMailFrom: {
    reject: reply(550, '5.7.1', 'Sender refused'),
    tmpreject: reply(451, '4.7.1', 'Sender refused for now; try again later'),
  },
  onRcptTo: {
    reject: reply(550, '5.7.1', 'Recipient refused'),
    tmpreject: reply(451, '4.7.1', 'Recipient refused for now; try again later'),
  },
  onHeadersReceived: CONTENT,
  onBodyChunk: CONTENT,
  onDataReceived: CONTENT,
};

/**
 * The lines of a policy's text. Who writes the codes before each line, as they stand on the wire,
 * means them once: the writer of replies puts them there (RFC 2034 §4).
 */
function linesOf(text: string, { code, enhanced }: OwnCodes): string[] {
  return text.split(/\r\n|\r|\n/).map((line, i) => {
    const own = splitCodes(line);
    const isRepeated = code !== undefined && own.code === code && own.enhanced === enhanced;
    return i > 0 && isRepeated ? own.text : line;
  });
}

function explained(base: Reply, { explanation, codes }: Outcome): Reply {
  const kind = base.code >= 500 ? '5' : '4';
  const code = String(codes.code).startsWith(kind) ? Number(codes.code) : base.code;
  const enhanced = codes.enhanced.startsWith(kind) ? codes.enhanced : base.enhanced;
  const text = explanation.trim();
  return reply(code, enhanced, text === '' ? base.text : linesOf(text, codes), {
    close: base.close || code === 421,
  });
}

/** What is said when a handler failed and the operator's onPolicyFailure refuses. */
function afterFailure(base: Reply): Reply {
  if (base.code >= 500) return base;
  const { enhanced, text } = REPLIES.policyTrouble;
  return reply(base.code, enhanced, text, { close: base.close });
}

/** The refusing reply of an outcome; `undefined` when the stage goes on. */
export function replyFor(event: InboundEvent, outcome: Outcome): Reply | undefined {
  switch (outcome.action) {
    case 'reject':
    case 'tmpreject': {
      const base = REFUSALS[event][outcome.action];
      return explained(outcome.failure ? afterFailure(base) : base, outcome);
    }
    case 'accept':
    case 'discard':
    case '':
      return undefined;
  }
}

/** The reply with the id that finds its trace, at the end of its last line. */
export function withReference(base: Reply, id: string): Reply {
  const last = base.text.at(-1) ?? '';
  return { ...base, text: [...base.text.slice(0, -1), `${last} (ref ${id})`] };
}
