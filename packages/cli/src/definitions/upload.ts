import { OperationSteps } from '../operation/operation-steps.js'
import type { CommandDefinition } from '../program/definition.js'
import { addEntryOptions, addRehashOption } from '../program/entry-options.js'
import { jobs, seconds } from '../program/option-values.js'
import type { UploadFlags } from '../upload/upload-flags.js'

export const upload: CommandDefinition<UploadFlags, [files: string[]]> = {
  name: 'upload',
  alias: 'run',
  summary: 'run an operation on files; what is cached comes at once, without an upload',
  examples: [
    ['opcache upload file.pdf --op convert', 'writes file.txt'],
    ['opcache upload photo.jpg --op convert -o photo.webp', 'the extension says what it becomes'],
    ['opcache upload *.log --op gzip -o packed/', 'several files, into a folder'],
    [
      "opcache upload photos -r --op convert -p to=webp -o 'small/{dir}/{name}.{ext}' --jobs 4",
      'a folder, four files at a time; the template names the outputs',
    ],
    [
      'opcache upload file.pdf --op convert -p to=png --then resize -p width=200',
      'one operation after the other',
    ],
    ['cat file.pdf | opcache upload - --op convert -p to=txt > out.txt', 'from a pipe into a file'],
  ],
  arguments: [
    [
      '<files...>',
      "files, quoted patterns such as '**/*.pdf', folders with --recursive; - is standard input",
    ],
  ],
  options: command => {
    const steps = new OperationSteps()
    addEntryOptions(command, steps)
    addRehashOption(command)
    command
      .option(
        '--then <name>',
        'an operation on the result of the one before; its -p come after it; repeat for more',
        steps.addStep,
      )
      .option(
        '-o, --output <path>',
        "file, folder or template such as 'out/{dir}/{name}.{ext}' for the results, - for standard output",
      )
      .option('-f, --force', 'replace an output that exists')
      .option(
        '-r, --recursive',
        'folders stand for the files in them, however deep; hidden ones are left out',
      )
      .option('-j, --jobs <number>', 'files at a time (default: 1)', jobs)
      .option('--fail-fast', 'begin no further file once one failed')
      .option('--unique', 'share nothing, not even with yourself: a new key each time')
      .option('--refresh', 'run the operation again even if its result is cached')
      .option('--explain', 'tell what the key is made of and whether it would hit, and do nothing else')
      .option('--detach', 'print the key and leave once the source is uploaded; the server goes on')
      .option('--watch', 'run again whenever a source changes, until Ctrl-C')
      .option('--stream', 'send the source while it is read, however long it is, without keeping it')
      .option('--cancel', 'when stopped (Ctrl-C), end the operation on the server too')
      .option('--only-if-cached', 'fail (3) rather than have the result made')
      .option(
        '--timeout <seconds>',
        'how long to wait for the operation (default: as long as it takes)',
        seconds,
      )
  },
  run: (commands, flags, files) => commands.upload(files, flags),
}
