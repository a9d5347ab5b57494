/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.ConfigurationException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.CodecPool;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;

/** Finds codecs by the names that Flume takes, and tries them before they are used. Stateless. */
final class Codecs {
  private static final Set<String> ZSTD = Set.of("zstd", "zstandard", "zstandardcodec");

  private Codecs() {}

  /**
   * The codec of that name: an alias such as gzip, the simple name of a class, or a class.
   *
   * @throws ConfigurationException when there is none, or it does not work here
   */
  static CompressionCodec named(
      String name, HdfsSinkOptions.FileType fileType, Configuration configuration) {
    CompressionCodec codec = find(name, fileType, configuration);
    if (codec == null) {
      throw new ConfigurationException(
          "hdfs.codeC",
          "codec "
              + name
              + " is not known (expected: gzip, bzip2, snappy, lz4, zstd, deflate, or a class that"
              + " Hadoop's io.compression.codecs names and the plug-in's lib holds; LZO is not part"
              + " of Hadoop)");
    }
    try {
      tryOut(codec, configuration);
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new ConfigurationException(
          "hdfs.codeC",
          "codec "
              + name
              + " ("
              + codec.getClass().getName()
              + ") does not work here: "
              + e
              + ". It may need Hadoop's native library; gzip, bzip2, snappy, lz4 and deflate work"
              + " without, zstd in a CompressedStream");
    }
    return codec;
  }

  private static CompressionCodec find(
      String name, HdfsSinkOptions.FileType fileType, Configuration configuration) {
    if (ZSTD.contains(name.toLowerCase(Locale.ROOT))
        && fileType == HdfsSinkOptions.FileType.COMPRESSEDSTREAM) {
      return new ZstdCodec();
    }
    CompressionCodecFactory factory = new CompressionCodecFactory(configuration);
    CompressionCodec codec = factory.getCodecByName(name);
    if (codec == null && ZSTD.contains(name.toLowerCase(Locale.ROOT))) {
      codec = factory.getCodecByClassName("org.apache.hadoop.io.compress.ZStandardCodec");
    }
    return codec == null ? factory.getCodecByClassName(name) : codec;
  }

  private static void tryOut(CompressionCodec codec, Configuration configuration)
      throws IOException {
    Compressor compressor = CodecPool.getCompressor(codec, configuration);
    try (CompressionOutputStream out =
        codec.createOutputStream(OutputStream.nullOutputStream(), compressor)) {
      out.write(new byte[1000]);
      out.finish();
    } finally {
      CodecPool.returnCompressor(compressor);
    }
  }
}
