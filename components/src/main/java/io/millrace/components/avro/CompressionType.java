/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

/** Whether the bytes of a connection are compressed; both sides must say the same. */
public enum CompressionType {
  NONE,
  DEFLATE
}
