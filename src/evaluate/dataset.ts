/**
 * A labelled data set, sample by sample: folders of pictures, IDX and .npy look the same from here.
 *
 * Keeps true: labels are whole numbers from 0 on; a sample has the model's input shape and is finite.
 */
export interface Dataset {
  readonly count: number;
  /** One word for reports: "pictures", "samples". */
  readonly unit: string;
  /** Names of the classes, by label; empty where the data set has none. */
  readonly classNames: readonly string[];
  readonly label: (index: number) => number;
  /** What to call a sample in messages. */
  readonly nameOf: (index: number) => string;
  readonly sample: (index: number) => Promise<Float32Array>;
}
