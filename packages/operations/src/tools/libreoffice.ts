/**
 * LibreOffice makes `{folder}/input.pdf` of `{input}`. Its profile is in the attempt's folder, so that attempts do not
 * wait for each other.
 */
export const OFFICE_TO_PDF: readonly string[] = [
  'soffice',
  '-env:UserInstallation=file://{folder}/profile',
  '--headless',
  '--norestore',
  '--convert-to',
  'pdf',
  '--outdir',
  '{folder}',
  '{input}',
]
