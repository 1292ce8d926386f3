/** What layout makes and drawing reads. Pixels; a box's x and y are its upper left corner. */
import type { EdgeKind } from '../report-data.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedNode extends Box {
  readonly id: number;
}

export interface PlacedBlock extends Box {
  readonly title: string | null;
  /** Where the value of the block before comes in; null for the first. */
  readonly port: Box | null;
  readonly nodes: readonly number[];
}

export interface PlacedEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: EdgeKind;
  /** Control points of a smooth curve. */
  readonly points: readonly Point[];
}

/** From a block's last node to the port of the next: corners of a line. */
export interface Connector {
  readonly from: number;
  readonly corners: readonly Point[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly PlacedBlock[];
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly connectors: readonly Connector[];
}
