/**
 * Where variable values live between events.
 *
 * One array per layer, indexed by the variable's place in the table: the session layer holds what
 * was set before a message began, the message layer starts as its copy at MAIL and is dropped at
 * the end of the transaction. Variables that live for one command are cleared before each event.
 * Which is which comes from the table alone; no stage copies a value by hand.
 *
 * Callers: hooks/session-run and context. Holds values only, checks nothing.
 */
import type { VariableValue, VariableValues } from './ports.js';
import { type EventName, VARIABLE_NAMES, VARIABLES, type VariableName } from './table/index.js';

const INDEX: ReadonlyMap<string, number> = new Map(VARIABLE_NAMES.map((name, i) => [name, i]));

const COMMAND_LIFE: readonly number[] = VARIABLE_NAMES.flatMap((name, i) =>
  VARIABLES[name].life === 'command' ? [i] : [],
);

/** Place of a documented variable in every layer. */
export function slotOf(name: VariableName): number {
  return INDEX.get(name) ?? -1;
}

export type Layer = (VariableValue | undefined)[];

function isSessionEvent(event: EventName): boolean {
  return event === 'onConnect' || event === 'onEhlo';
}

export interface Slots {
  /** The layer that the event reads and writes, with the IN values applied. */
  begin(event: EventName, values: VariableValues): Layer;
  get(name: VariableName): VariableValue | undefined;
  /** Drops the message layer. */
  endMessage(): void;
  /** Drops what was set at EHLO and since. */
  forgetHello(): void;
}

function assign(layer: Layer, values: VariableValues): void {
  for (const name in values) {
    const slot = INDEX.get(name);
    if (slot !== undefined) layer[slot] = values[name as VariableName];
  }
}

class SessionSlots implements Slots {
  readonly #session: Layer = new Array<VariableValue | undefined>(VARIABLE_NAMES.length).fill(undefined);
  #message: Layer | undefined;
  /** The session as onConnect left it; kept only where somebody may change it at EHLO. */
  #connected: Layer | undefined;

  constructor(initial: VariableValues) {
    assign(this.#session, initial);
  }

  begin(event: EventName, values: VariableValues): Layer {
    if (event === 'onEhlo') this.#connected ??= this.#session.slice();
    const layer = this.#layerOf(event);
    for (const slot of COMMAND_LIFE) layer[slot] = undefined;
    assign(layer, values);
    return layer;
  }

  #layerOf(event: EventName): Layer {
    // EHLO may come amid a message and be refused: what it sets is the session's, not the message's.
    if (isSessionEvent(event)) return this.#session;
    this.#message ??= this.#session.slice();
    return this.#message;
  }

  get(name: VariableName): VariableValue | undefined {
    return (this.#message ?? this.#session)[slotOf(name)];
  }

  endMessage(): void {
    this.#message = undefined;
  }

  forgetHello(): void {
    this.#message = undefined;
    for (const [slot, value] of this.#connected?.entries() ?? []) this.#session[slot] = value;
  }
}

/** Empty layers, but for what the operator's settings say. */
export function createSlots(initial: VariableValues = {}): Slots {
  return new SessionSlots(initial);
}
