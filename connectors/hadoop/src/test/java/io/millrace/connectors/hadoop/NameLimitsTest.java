/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;

/** Which limits hold where. */
class NameLimitsTest {
  private static NameLimits of(String uri) {
    FileSystem files =
        new FilterFileSystem(new RawLocalFileSystem()) {
          @Override
          public URI getUri() {
            return URI.create(uri);
          }
        };
    return NameLimits.of(files, new Configuration());
  }

  @Test
  void keyOfAnObjectMayHave1024BytesWithoutTheSlashAtItsFront() {
    NameLimits limits = of("s3a://bucket");
    // Names of 300 bytes are none of S3's business.
    String key = "a".repeat(300) + "/" + "b".repeat(723);
    assertThat(limits.excess(new Path("s3a://bucket/" + key))).isEmpty();
    assertThat(limits.excess(new Path("s3a://bucket/" + key + "c")).orElseThrow())
        .contains("1025 bytes")
        .contains("1024");
    String inTwoBytes = "a".repeat(300) + "/" + "\u00e9".repeat(361) + "b";
    assertThat(limits.excess(new Path("s3a://bucket/" + inTwoBytes))).isEmpty();
    assertThat(limits.excess(new Path("s3a://bucket/" + inTwoBytes + "\u00e9"))).isPresent();
  }

  @Test
  void namesAreLimitedOnHdfsAndNotWhereNoLimitIsKnown() {
    String name = "n".repeat(256);
    assertThat(of("hdfs://server:8020").excess(new Path("hdfs://server:8020/a/" + name)))
        .isPresent();
    assertThat(
            of("hdfs://server:8020").excess(new Path("hdfs://server:8020/a/" + name.substring(1))))
        .isEmpty();
    assertThat(of("other://server").excess(new Path("other://server/a/" + name))).isEmpty();
  }
}
