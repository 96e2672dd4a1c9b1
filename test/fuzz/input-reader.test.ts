/** Lines, messages and chunks come out as they went in, in order, however the octets are cut. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type InputHandler, InputReader, type Step } from '../../src/engine/listener/input-reader.js';
import { decodeLine, parseCommand } from '../../src/engine/stages/commands.js';

const LONGEST = 12;

/** One thing that a client sends, and what the handler should hear of it. */
interface Said {
  readonly octets: string;
  readonly heard: readonly string[];
}

const word = fc.string({ unit: fc.constantFrom(...'ab .-'), maxLength: LONGEST });
const said = fc.oneof(
  word.map((text): Said => ({ octets: `${text}\r\n`, heard: [`line ${text}`] })),
  word.map((text): Said => ({ octets: `${text}\n`, heard: ['bad bare-lf'] })),
  fc
    .string({ unit: fc.constantFrom(...'ab\r'), minLength: LONGEST + 1, maxLength: 40 })
    .map((text): Said => ({ octets: `${text}\r\n`, heard: ['bad too-long'] })),
  fc
    .string({ unit: fc.constantFrom('a', 'b', '\r\n', '\n', 'x.'), maxLength: 20 })
    .map(
      (text): Said => ({ octets: `DATA\r\n${text}\r\n.\r\n`, heard: ['line DATA', `content ${text}\r\n`] }),
    ),
  fc.string({ unit: fc.constantFrom('a', '\r\n', '\r\n.\r\n', 'DATA\r\n'), minLength: 1, maxLength: 10 }).map(
    (text): Said => ({
      octets: `C ${text.length}\r\n${text}`,
      heard: [`line C ${text.length}`, `content ${text}`],
    }),
  ),
);

/** Writes down what it hears; half of its steps wait for a turn, by `waits`. */
class Listening implements InputHandler {
  readonly heard: string[] = [];
  readonly #waits: () => boolean;
  reader: InputReader | undefined;
  #content = '';

  constructor(waits: () => boolean) {
    this.#waits = waits;
  }

  #step(act: () => void): Step {
    if (!this.#waits()) {
      act();
      return undefined;
    }
    return Promise.resolve().then(act);
  }

  line(line: Buffer): Step {
    const text = line.toString('latin1');
    return this.#step(() => {
      this.heard.push(`line ${text}`);
      if (text === 'DATA') this.reader?.readMessage();
      if (text.startsWith('C ') && Number(text.slice(2)) > 0) this.reader?.readChunk(Number(text.slice(2)));
    });
  }

  badLine(fault: string): Step {
    return this.#step(() => {
      this.heard.push(`bad ${fault}`);
    });
  }

  lineBegan(): void {
    // Deadlines are another matter.
  }

  content(piece: Buffer): Step {
    const text = piece.toString('latin1');
    return this.#step(() => {
      this.#content += text;
    });
  }

  contentEnd(): Step {
    return this.#step(() => {
      this.heard.push(`content ${this.#content}`);
      this.#content = '';
    });
  }
}

it('hears everything once and in order', async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(said, { maxLength: 8 }),
      cuts,
      fc.infiniteStream(fc.boolean()),
      async (all, lengths, coin) => {
        const handler = new Listening(() => coin.next().value === true);
        const reader = new InputReader(handler, LONGEST);
        handler.reader = reader;
        const octets = all.map((one) => one.octets).join('');
        let from = 0;
        for (const length of [...lengths, octets.length]) {
          const piece = octets.slice(from, from + length);
          from += piece.length;
          if (piece !== '') await reader.feed(Buffer.from(piece, 'latin1'));
        }
        expect(handler.heard).toEqual(all.flatMap(({ heard }) => heard));
      },
    ),
    { numRuns: 1000 },
  );
});

it('any line is a text or a refusal, and any text a verb with its argument', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
      const text = decodeLine(Buffer.from(octets));
      if (typeof text !== 'string') {
        expect(text.reply.code).toBe(500);
        return;
      }
      expect(Buffer.from(text)).toEqual(Buffer.from(octets));
      expect(text).not.toMatch(/[\0\r]/);
      const { verb, argument } = parseCommand(text);
      expect(verb).not.toContain(' ');
      expect(argument).toBe(argument.trim());
    }),
  );
});
