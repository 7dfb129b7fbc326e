import { OperationError, type RunOperation } from '@opcache/server/operation'
import { readAs } from './claimed-type.js'
import { conversionsOf, whatBecomesOf } from './conversions.js'
import { type Found, familyPlurals, readableImages } from './families.js'
import { refuseForeignParams } from './param-check.js'
import type { ConvertParams } from './params.js'
import { sniff } from './sniff.js'
import { readHead } from './source-head.js'
import { targetFromWord } from './targets.js'
import { timeLimits } from './time-limits.js'
import { joined } from './wording.js'

/** Runs `convert`: finds out what the source is, picks the conversion, and loads only what that one needs. */
const run: RunOperation<ConvertParams> = async context => {
  const { input, params, signal } = context
  signal.throwIfAborted()
  if (input.size === 0) throw new OperationError('the source is empty: there is nothing to convert')
  const head = await readHead(input)
  const found = readAs(await sniff(head), params.from)
  const conversion = chooseConversion(found, params.to)
  refuseForeignParams(params, found, conversion)
  const timeoutMs = timeLimits[conversion.family]
  if (timeoutMs !== undefined) context.limitTime(timeoutMs)
  const converter = await conversion.load()
  signal.throwIfAborted()
  return converter({ context, head, found, to: conversion.to })
}

export default run

function chooseConversion(found: Found, word: string | undefined) {
  if (found.family === null) throw new OperationError(`cannot convert ${found.label}: ${whatIsRead()}`)
  const possible = conversionsOf(found.family)
  const to = word === undefined ? possible[0]!.to : targetFromWord(word)
  const conversion = possible.find(each => each.to === to)
  if (conversion === undefined) {
    const hint = found.isText ? '; if the source is another kind of text, say which with from' : ''
    throw new OperationError(
      `cannot convert ${found.label} to ${word}: ${whatBecomesOf(found.family)}${hint}`,
    )
  }
  return conversion
}

function whatIsRead(): string {
  const images = `${familyPlurals.image} (${joined([...new Set(readableImages.values())], 'or')})`
  return `what can be converted are ${images}, ${familyPlurals.pdf}, ${familyPlurals.office}, ${familyPlurals.sound}, ${familyPlurals.video}, and CSV, JSON or Markdown as UTF-8 text`
}
