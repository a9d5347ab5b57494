/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/** What a field or an element may be, by the codes of the binary protocol. */
final class WireType {
  static final int STOP = 0;

  /** A boolean field of the compact protocol, whose value stands in the field's head. */
  static final int BOOL_IN_HEAD = 1;

  static final int BOOL = 2;
  static final int BYTE = 3;
  static final int DOUBLE = 4;
  static final int I16 = 6;
  static final int I32 = 8;
  static final int I64 = 10;

  /** Text and bytes alike. */
  static final int STRING = 11;

  static final int STRUCT = 12;
  static final int MAP = 13;
  static final int SET = 14;
  static final int LIST = 15;
  static final int UUID = 16;

  private WireType() {}
}
