/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.fs.Path;

/**
 * Says that a file is complete and whose events are in it. Once it is stored the file counts, under
 * its final name or, if the agent died in between, under the one it is to be renamed from. Gzip of:
 *
 * <pre>
 *   "MRHC" 1 | in-use path | final path (UTF) | count, { journal (16 bytes), lane (int), bits }
 *   | CRC32C of all before (int)
 * </pre>
 *
 * <p>Format: docs/formats/hdfs-commit-v1.md. Immutable.
 */
record CommitRecord(Path inUse, Path whole, Map<Lane, SequenceBits> events) {
  private static final int MAGIC = 0x4d524843;
  private static final int VERSION = 1;

  /** Where events are numbered. */
  record Lane(UUID journal, int lane) implements Comparable<Lane> {
    @Override
    public int compareTo(Lane other) {
      int byJournal = journal.compareTo(other.journal);
      return byJournal != 0 ? byJournal : Integer.compare(lane, other.lane);
    }
  }

  byte[] encoded() throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(plain);
    out.writeInt(MAGIC);
    out.writeByte(VERSION);
    out.writeUTF(inUse.toString());
    out.writeUTF(whole.toString());
    out.writeInt(events.size());
    for (Map.Entry<Lane, SequenceBits> lane : events.entrySet()) {
      out.writeLong(lane.getKey().journal().getMostSignificantBits());
      out.writeLong(lane.getKey().journal().getLeastSignificantBits());
      out.writeInt(lane.getKey().lane());
      lane.getValue().writeTo(out);
    }
    CRC32C checksum = new CRC32C();
    checksum.update(plain.toByteArray());
    out.writeInt((int) checksum.getValue());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      plain.writeTo(gzip);
    }
    return packed.toByteArray();
  }

  /**
   * Reads a record.
   *
   * @throws java.io.EOFException when it was cut off: its file was not committed
   * @throws IOException when it is damaged in another way
   */
  static CommitRecord decode(byte[] packed) throws IOException {
    byte[] plain;
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      plain = gzip.readAllBytes();
    }
    if (plain.length < 8) {
      throw new IOException("record of " + plain.length + " bytes (expected: 8 or more)");
    }
    CRC32C checksum = new CRC32C();
    checksum.update(plain, 0, plain.length - 4);
    int stored = ByteBuffer.wrap(plain).getInt(plain.length - 4);
    if (stored != (int) checksum.getValue()) {
      throw new IOException(
          String.format("record has CRC %08x (expected: %08x)", stored, checksum.getValue()));
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain));
    int magic = in.readInt();
    int version = in.readByte();
    if (magic != MAGIC || version != VERSION) {
      throw new IOException(
          "record of magic "
              + Integer.toHexString(magic)
              + ", version "
              + version
              + " (expected: "
              + Integer.toHexString(MAGIC)
              + ", "
              + VERSION
              + ")");
    }
    Path inUse = new Path(in.readUTF());
    Path whole = new Path(in.readUTF());
    int count = in.readInt();
    Map<Lane, SequenceBits> events = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      Lane lane = new Lane(new UUID(in.readLong(), in.readLong()), in.readInt());
      events.put(lane, SequenceBits.readFrom(in));
    }
    return new CommitRecord(inUse, whole, events);
  }
}
