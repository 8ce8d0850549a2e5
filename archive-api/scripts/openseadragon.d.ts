// The few things of OpenSeadragon that the viewer uses.

interface OsdPoint {
  x: number;
  y: number;
}

interface OsdRect extends OsdPoint {
  width: number;
  height: number;
}

interface OsdViewport {
  zoomBy(factor: number): OsdViewport;
  applyConstraints(immediately?: boolean): OsdViewport;
  goHome(immediately?: boolean): void;
  fitHorizontally(immediately?: boolean): OsdViewport;
  fitBounds(bounds: OsdRect, immediately?: boolean): OsdViewport;
  panTo(center: OsdPoint, immediately?: boolean): OsdViewport;
  zoomTo(zoom: number, around?: OsdPoint, immediately?: boolean): OsdViewport;
  getCenter(current?: boolean): OsdPoint;
  getZoom(current?: boolean): number;
  imageToViewportCoordinates(point: OsdPoint): OsdPoint;
  viewportToImageCoordinates(point: OsdPoint): OsdPoint;
  getBounds(current?: boolean): OsdRect;
  getRotation(current?: boolean): number;
  setRotation(degrees: number, immediately?: boolean): OsdViewport;
  imageToViewportRectangle(x: number, y: number, width: number, height: number): OsdRect;
}

interface OsdViewer {
  viewport: OsdViewport;
  canvas: HTMLElement;
  addHandler(name: string, handler: (event: { preventDefaultAction?: boolean }) => void): void;
  addOnceHandler(name: string, handler: () => void): void;
  addOverlay(overlay: { element: HTMLElement; location: OsdRect }): void;
  removeOverlay(element: HTMLElement): void;
}

declare const OpenSeadragon: ((options: Record<string, unknown>) => OsdViewer) & {
  Rect: new (x: number, y: number, width: number, height: number) => OsdRect;
  Point: new (x: number, y: number) => OsdPoint;
};
