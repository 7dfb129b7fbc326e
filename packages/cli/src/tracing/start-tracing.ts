import { setTimeout as sleep } from 'node:timers/promises'
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

/** How long what was not sent yet is waited for at the end. */
const FLUSH_MS = 3_000

/**
 * Sends the spans of this process to a collector, by OTLP over HTTP; answers how to end that. Without an endpoint it is
 * that of the variables of OpenTelemetry, which also set headers, sampling and the names of the service.
 */
export function startTracing(endpoint: string | undefined): () => Promise<void> {
  // Spans that a collector does not take are lost, and somebody has to know.
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR)
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'opcache' }))
    .merge(detectResources({ detectors: [envDetector] }))
  const place = endpoint === undefined ? {} : { url: `${endpoint.replace(/\/$/, '')}/v1/traces` }
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(place))],
  })
  provider.register()
  return () => Promise.race([provider.shutdown(), sleep(FLUSH_MS, undefined, { ref: false })])
}
