/**
 * What outlives what. `process`: what was acknowledged survives the death of processes; a power cut may cost the last
 * seconds before it. `disk`: nothing is acknowledged before it is on the disk.
 */
export type Durability = 'process' | 'disk'
