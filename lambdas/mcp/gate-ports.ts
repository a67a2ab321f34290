// What the gate needs from outside, by type only.

import type { McpPorts } from './ports.ts';

export type GatePorts = Pick<
  McpPorts,
  | 'approvals'
  | 'startMachine'
  | 'upstream'
  | 'credentials'
  | 'endWait'
  | 'runs'
  | 'heldKeys'
  | 'seal'
  | 'masking'
  | 'policy'
  | 'config'
  | 'configDigest'
  | 'gateway'
  | 'publicUrl'
  | 'clock'
  | 'newId'
  | 'diagnostics'
>;
