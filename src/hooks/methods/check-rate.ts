/**
 * checkRate: may this happen once more within its window, and count it if so.
 *
 * It refuses nothing by itself. Two calls with the same key and window are one counter, in whatever
 * event, session or policy they are made.
 *
 * Callers: methods/index.
 */
import { checkRate, type RateOutcome, type RateStore } from '../../checks/rate.js';
import { duration, options, wholeNumber } from './argument-values.js';
import { type Method, misuse } from './method.js';
import type { RateAnswer } from './signatures.js';
import { type Told, told, type TellDeps } from './told-check.js';

const SECOND = 1000;
const LONGEST_WINDOW = 31 * 86_400_000;
const MOST = 1_000_000_000;

function said({ status, allowed, explanation }: RateOutcome): Told {
  return { status: status === 'tempError' ? status : allowed ? 'allowed' : 'refused', explanation };
}

export function checkRateMethod(deps: TellDeps & { readonly store: RateStore }): Method {
  return async (call, [key, limit, window, more]): Promise<RateAnswer> => {
    if (typeof key !== 'string' || key === '')
      throw misuse(call, 'the first argument is a key, a text that is not empty');
    const { cost = 1 } = options(call, more, ['cost']);
    const asking = checkRate(deps, {
      key,
      limit: wholeNumber(call, limit, { name: 'limit', min: 1, max: MOST }),
      windowMs: duration(call, window, { name: 'window', min: SECOND, max: LONGEST_WINDOW }),
      cost: wholeNumber(call, cost, { name: 'cost', min: 1, max: MOST }),
    });
    const { status, allowed, count, remaining, resetSeconds, explanation } = await told(
      deps,
      'rate',
      asking,
      said,
    );
    return { allowed, count, remaining, resetSeconds, status, explanation };
  };
}
