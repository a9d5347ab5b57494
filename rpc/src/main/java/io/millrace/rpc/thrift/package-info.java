/**
 * Thrift RPC as Flume's {@code ThriftSourceProtocol} uses it, in both of Thrift's encodings. Does
 * no I/O: frames in, frames out. Events go from Thrift's bytes to those of a batch and back in one
 * pass, without objects between.
 *
 * <pre>
 *   frame   = length:int32 message
 *   message = head struct             head = type, name, sequence id
 *   call    = struct { 1: event } for append, struct { 1: list of event } for appendBatch
 *   event   = struct { 1: map of string to string headers, 2: binary body }      both required
 *   reply   = struct { 0: i32 status }              OK 0, FAILED 1, ERROR 2, UNKNOWN 3
 *   exception = struct { 1: string text, 2: i32 kind, 19794: i32 refused }      19794 by Millrace only
 * </pre>
 *
 * Calls of a connection are answered in their order, each with its sequence id. Source: Thrift's
 * "Binary protocol encoding" and "Compact protocol encoding" specifications.
 */
package io.millrace.rpc.thrift;
