/**
 * A policy's text with the values of one event in it.
 *
 * Callers: hooks/session-run. A name that is no variable stays as written and is logged.
 */
import type { Logger } from '../core/log.js';
import type { EventScope } from './event-scope.js';
import { expand } from './expand.js';
import { slotOf } from './slots.js';
import { defaultOf } from './table/index.js';

export function filledText(
  written: string,
  { layer, event }: Pick<EventScope, 'layer' | 'event'>,
  log: Logger,
): string {
  if (written === '') return '';
  const { text, unknown } = expand(written, (name) => layer[slotOf(name)] ?? defaultOf(event, name));
  if (unknown.length > 0) {
    log.warn('a text names variables that do not exist; they stay as written', { event, unknown });
  }
  return text;
}
