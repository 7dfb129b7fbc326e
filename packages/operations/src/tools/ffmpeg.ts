/**
 * What stands before the input of every run of ffmpeg: it reads plain files of sound and pictures, and no playlist that
 * could name other files or addresses.
 */
export const FFMPEG_READS: readonly string[] = [
  '-nostdin',
  '-hide_banner',
  '-loglevel',
  'warning',
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,ogg,flac,wav,w64,aac,avi,flv,mpeg,mpegts,asf,aiff,amr,caf',
  '-i',
]
