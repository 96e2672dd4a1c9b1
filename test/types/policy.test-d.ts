/**
 * What the compiler allows and forbids around the handlers: the head of a policy, its states, its
 * own methods, the long form of a hook, and lists of policies.
 */
import { type Context, definePolicy, type PolicyList, rule } from 'postern/policy';
import { exactly } from './exactly.js';

export const STATES = definePolicy({
  name: 'states',
  session: () => ({ strikes: 0 }),
  message: () => ({ tag: '', seen: [1, 2] }),
  onConnect(ctx) {
    ctx.session.strikes += 1;
    exactly<number>()(ctx.session.strikes);
    exactly<'onConnect'>()(ctx.event);
    // @ts-expect-error a connection has no message yet
    ctx.message;
    // @ts-expect-error the state has no such field
    ctx.session.strike;
  },
  onMailFrom(ctx) {
    ctx.message.tag = 'bulk';
    exactly<number[]>()(ctx.message.seen);
    // @ts-expect-error the field is a text
    ctx.message.tag = 1;
  },
});

export const DATE_IN_MESSAGE = definePolicy({
  name: 'date-in-message',
  // @ts-expect-error a Date does not survive the queue record
  message: () => ({ since: new Date(0) }),
});

export const METHOD_IN_MESSAGE = definePolicy({
  name: 'method-in-message',
  // @ts-expect-error a function does not survive the queue record
  message: () => ({ count: () => 1 }),
});

interface Tag {
  tag: string;
  at?: number;
}

export const TYPED_MESSAGE = definePolicy({
  name: 'typed-message',
  message: (): Tag => ({ tag: '' }),
  onMailFrom(ctx) {
    ctx.message.tag = 'bulk';
    ctx.message.at = 1;
  },
});

export const HOOKS = definePolicy({
  name: 'hooks',
  order: 'pre',
  onFailure: 'accept',
  onDataReceived: {
    order: 'post',
    timeoutMs: 60_000,
    async handler(ctx) {
      const { DNSBLResult } = await ctx.checkDNSBL(['one.example.org', 'two.example.org']);
      exactly<string>()(DNSBLResult);
    },
  },
});

export const WRONG_ORDER = definePolicy({
  name: 'wrong-order',
  // @ts-expect-error orders are pre, normal and post
  order: 'last',
});

export const WRONG_FAILURE = definePolicy({
  name: 'wrong-failure',
  // @ts-expect-error a failure comes to tmpreject, accept or reject
  onFailure: 'discard',
});

export const RESERVED_FIELD = definePolicy({
  name: 'reserved-field',
  // @ts-expect-error onDataReceived has ctx.message.parsed()
  message: () => ({ parsed: false }),
});

export const UNKNOWN_EVENT = definePolicy({
  name: 'unknown-event',
  // @ts-expect-error the event is called onMailFrom
  onMailfrom() {
    return undefined;
  },
});

// @ts-expect-error a policy has a name
export const NAMELESS = definePolicy({ onConnect() {} });

export const OWN_METHODS = definePolicy({
  name: 'own-methods',
  use: {
    isInternal: (ctx: Context<'onConnect'>, network: string): boolean => ctx.remoteSmtpIp.startsWith(network),
  },
  onConnect(ctx) {
    exactly<boolean>()(ctx.isInternal('192.0.2.'));
    // @ts-expect-error the argument is a text
    ctx.isInternal(192);
  },
});

export const REMEMBERING = definePolicy({
  name: 'remembering',
  async onRcptTo(ctx) {
    const greylist = await ctx.checkGreylist({ delay: '5m', retryWindow: 86_400, whitelistAfter: 0 });
    exactly<'new' | 'early' | 'passed' | 'whitelisted' | 'tempError'>()(greylist.status);
    exactly<number | undefined>()(greylist.firstSeen);
    // @ts-expect-error there is no such option
    await ctx.checkGreylist({ dely: '5m' });
    const rate = await ctx.checkRate(`user:${ctx.authUser}`, 100, '1h', { cost: ctx.recipients.length });
    exactly<boolean>()(rate.allowed);
    exactly<'ok' | 'tempError'>()(rate.status);
    // @ts-expect-error a window is given
    await ctx.checkRate('key', 100);
    // @ts-expect-error the limit is a number
    await ctx.checkRate('key', '100', '1h');
  },
  async onConnect(ctx) {
    await ctx.checkRate(ctx.remoteSmtpIp, 100, 60);
    // @ts-expect-error there is no recipient yet
    await ctx.checkGreylist();
  },
});

export const SIGNING = definePolicy({
  name: 'signing',
  onHeadersReceived(ctx) {
    exactly<'signed' | 'noKey' | 'notPossible'>()(ctx.signDKIM({ domain: 'example.org' }).status);
  },
  onDataReceived(ctx) {
    exactly<readonly string[]>()(ctx.signDKIM().selectors);
    // @ts-expect-error there is no such argument
    ctx.signDKIM({ key: 'x' });
  },
  onRcptTo(ctx) {
    // @ts-expect-error there is no message yet
    ctx.signDKIM();
  },
});

export const GUARDED = definePolicy({
  name: 'guarded',
  onMailFrom: rule<'onMailFrom'>(
    (ctx) => ctx.SPFResult === 'Fail',
    (ctx) => {
      ctx.smtpAction = 'reject';
    },
  ),
});

export const LIST: PolicyList = [STATES, [HOOKS, false, [GUARDED, null]], undefined];

// @ts-expect-error a plain object is no policy
export const PLAIN: PolicyList = [{ onConnect: () => undefined }];
