/**
 * checkGreylist: has the client tried to send this mail before.
 *
 * It refuses nothing by itself: what a new triplet comes to, and whether clients that are trusted
 * or logged in are asked at all, is for the policy to say.
 *
 * Callers: methods/index.
 */
import { checkGreylist, type GreylistStore } from '../../checks/greylist.js';
import { duration, options, wholeNumber } from './argument-values.js';
import { type Method, type MethodCall, misuse } from './method.js';
import type { GreylistAnswer } from './signatures.js';
import { itself, told, type TellDeps } from './told-check.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

const OPTIONS = ['delay', 'retryWindow', 'lifetime', 'ipv4Prefix', 'ipv6Prefix', 'whitelistAfter'] as const;

/** Most triplets that a policy may ask of a network. */
const MOST_TRIPLETS = 1_000_000;

function settingsOf(call: MethodCall, argument: unknown) {
  const {
    delay = '5m',
    retryWindow = '1d',
    lifetime = '36d',
    ipv4Prefix = 24,
    ipv6Prefix = 64,
    whitelistAfter = 5,
  } = options(call, argument, OPTIONS);
  const rules = {
    delayMs: duration(call, delay, { name: 'delay', min: 0, max: DAY }),
    retryWindowMs: duration(call, retryWindow, { name: 'retryWindow', min: MINUTE, max: 31 * DAY }),
    lifetimeMs: duration(call, lifetime, { name: 'lifetime', min: MINUTE, max: 366 * DAY }),
    networkAfter: wholeNumber(call, whitelistAfter, { name: 'whitelistAfter', min: 0, max: MOST_TRIPLETS }),
  };
  // Otherwise nothing would ever pass.
  if (rules.retryWindowMs <= rules.delayMs) throw misuse(call, 'retryWindow must be longer than delay');
  return {
    rules,
    ipv4Prefix: wholeNumber(call, ipv4Prefix, { name: 'ipv4Prefix', min: 8, max: 32 }),
    ipv6Prefix: wholeNumber(call, ipv6Prefix, { name: 'ipv6Prefix', min: 16, max: 128 }),
  };
}

export function checkGreylistMethod(deps: TellDeps & { readonly store: GreylistStore }): Method {
  return async (call, [argument]): Promise<GreylistAnswer> => {
    const settings = settingsOf(call, argument);
    const asking = checkGreylist(deps, {
      ...settings,
      ip: String(call.read('remoteSmtpIp') ?? ''),
      sender: String(call.read('mailFrom') ?? ''),
      recipient: String(call.read('rcptTo') ?? ''),
    });
    const { status, waitSeconds, firstSeen, explanation } = await told(deps, 'greylist', asking, itself);
    const answer = { status, waitSeconds, explanation };
    return firstSeen === undefined ? answer : { ...answer, firstSeen };
  };
}
