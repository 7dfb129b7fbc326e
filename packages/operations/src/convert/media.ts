import { join } from 'node:path'
import { FFMPEG_READS } from '../tools/ffmpeg.js'
import { convertWithTool } from './convert-with-tool.js'
import type { Converter } from './job.js'
import { type MediaTargetName, targets } from './targets.js'

/** How each target is written. Metadata is left out, so that the same source gives the same bytes. */
const encoders: Readonly<Record<MediaTargetName, readonly string[]>> = {
  mp3: ['-vn', '-c:a', 'libmp3lame', '-q:a', '3'],
  wav: ['-vn', '-c:a', 'pcm_s16le'],
  flac: ['-vn', '-c:a', 'flac'],
  ogg: ['-vn', '-c:a', 'libvorbis', '-q:a', '5'],
  mp4: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', '+faststart'],
  webm: ['-c:v', 'libvpx-vp9', '-crf', '34', '-b:v', '0', '-row-mt', '1', '-c:a', 'libopus'],
}

/** Sound and video to other formats, by ffmpeg. */
export const convertMedia: Converter = job => {
  const to = job.to as MediaTargetName
  const made = `output.${targets[to].extension}`
  const exact = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact']
  return convertWithTool(job, made, (folder, input) => [
    'ffmpeg',
    ...FFMPEG_READS,
    input,
    ...encoders[to],
    ...exact,
    join(folder, made),
  ])
}
