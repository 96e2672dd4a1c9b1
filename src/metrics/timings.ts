/**
 * A histogram with two labels that costs two look-ups an observation.
 *
 * The library's own hashes its labels and walks an object for each; one is made for every handler
 * that runs for every command. Buckets here are counted in an array, and summed up when they are
 * read, in the form in which the library writes its own histograms.
 *
 * Callers: metrics/registry. Holds one series for each pair of values that ever occurred.
 */
import type { MetricValueWithName } from 'prom-client';

interface Series {
  /** Observations in each bucket alone; the last is for those above all of them. */
  readonly counts: number[];
  sum: number;
  count: number;
}

interface Reading {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly aggregator: 'sum';
  readonly values: MetricValueWithName<string>[];
}

export class Timings {
  readonly name: string;
  readonly #help: string;
  readonly #labels: readonly [string, string];
  /** Upper bounds in seconds, rising. */
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Map<string, Series>>();

  constructor(name: string, help: string, labels: readonly [string, string], bounds: readonly number[]) {
    this.name = name;
    this.#help = help;
    this.#labels = labels;
    this.#bounds = bounds;
  }

  observe(seconds: number, first: string, second: string): void {
    const series = this.#series.get(first)?.get(second) ?? this.#begin(first, second);
    const found = this.#bounds.findIndex((bound) => seconds <= bound);
    const at = found < 0 ? this.#bounds.length : found;
    series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.sum += seconds;
    series.count += 1;
  }

  #begin(first: string, second: string): Series {
    const series: Series = { counts: this.#bounds.map(() => 0), sum: 0, count: 0 };
    const below = this.#series.get(first) ?? new Map<string, Series>();
    this.#series.set(first, below);
    below.set(second, series);
    return series;
  }

  /** What the library asks of a metric. */
  get(): Promise<Reading> {
    const values = [...this.#series].flatMap(([first, below]) =>
      [...below].flatMap(([second, series]) => this.#read(series, [first, second])),
    );
    const { name } = this;
    return Promise.resolve({
      name,
      help: this.#help,
      type: 'histogram',
      values,
      aggregator: 'sum',
    });
  }

  reset(): void {
    this.#series.clear();
  }

  #read(series: Series, [first, second]: readonly [string, string]): MetricValueWithName<string>[] {
    const labels = { [this.#labels[0]]: first, [this.#labels[1]]: second };
    let below = 0;
    const buckets = this.#bounds.map((le, index) => {
      below += series.counts[index] ?? 0;
      return { metricName: `${this.name}_bucket`, value: below, labels: { le, ...labels } };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_bucket`, value: series.count, labels: { le: '+Inf', ...labels } },
      { metricName: `${this.name}_sum`, value: series.sum, labels },
      { metricName: `${this.name}_count`, value: series.count, labels },
    ];
  }
}
