/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Local files under {@code hang:}; creating one below a directory named stuck hangs at will. */
public final class HangingFileSystem extends RawLocalFileSystem {
  /** By the value of the setting {@code hang.gate}: each test has a gate of its own. */
  private static final Map<String, CountDownLatch> GATES = new ConcurrentHashMap<>();

  static CountDownLatch gate(String name) {
    return GATES.computeIfAbsent(name, n -> new CountDownLatch(1));
  }

  @Override
  public void initialize(URI uri, Configuration configuration) throws IOException {
    super.initialize(uri, configuration);
  }

  @Override
  public String getScheme() {
    return "hang";
  }

  @Override
  public URI getUri() {
    return URI.create("hang:///");
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    if (path.toString().contains("/stuck/")) {
      CountDownLatch gate = gate(getConf().get("hang.gate"));
      // As a call that takes no notice of an interrupt.
      boolean isOpen = false;
      while (!isOpen) {
        try {
          gate.await();
          isOpen = true;
        } catch (InterruptedException e) {
          isOpen = false;
        }
      }
    }
    return super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
  }
}
