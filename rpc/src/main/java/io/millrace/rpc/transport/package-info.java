/** The hop protocol over TCP: a server for sources, connections for sinks and clients. */
package io.millrace.rpc.transport;
