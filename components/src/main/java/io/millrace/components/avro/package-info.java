/** The source and the sink that join one tier to the next by Avro RPC, as Flume's do. */
package io.millrace.components.avro;
