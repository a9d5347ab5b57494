/**
 * TLS as Flume's components configure it: option groups for listening and connecting sides, and the
 * process-wide fall-backs.
 */
package io.millrace.kit.tls;
