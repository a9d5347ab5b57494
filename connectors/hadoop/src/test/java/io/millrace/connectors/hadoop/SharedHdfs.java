/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.servers.hdfs.HdfsServer;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One HDFS for all test classes of a run: it takes longer to start than most tests. */
public final class SharedHdfs implements BeforeAllCallback, ParameterResolver {
  private static final String KEY = "hdfs";
  private static final AtomicInteger NEXT_ROOT = new AtomicInteger();

  /** A server that the run closes at its end. */
  record Shared(HdfsServer server, FileSystem files)
      implements ExtensionContext.Store.CloseableResource, AutoCloseable {
    @Override
    public void close() throws IOException {
      files.close();
      server.close();
    }

    /** A directory of the test's own, as a URI. */
    String newRoot() {
      return server.uri() + "/t" + NEXT_ROOT.incrementAndGet();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    shared(context);
  }

  private static Shared shared(ExtensionContext context) {
    return (Shared)
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(SharedHdfs.class))
            .getOrComputeIfAbsent(
                KEY,
                key -> {
                  try {
                    HdfsServer server = HdfsServer.start();
                    return new Shared(server, server.newFileSystem());
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Shared.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return shared(context);
  }
}
