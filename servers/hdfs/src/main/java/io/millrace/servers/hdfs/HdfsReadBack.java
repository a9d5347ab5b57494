/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.hdfs;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Prints the contents of every file below a directory, those that are still written included, as
 * far as readers can see.
 *
 * <pre>
 *   hdfs://HOST:PORT DIRECTORY
 * </pre>
 */
public final class HdfsReadBack {
  private HdfsReadBack() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException(
          "arguments: " + arguments.length + " (expected: address, directory)");
    }
    // Not System.out: what libraries print there would be taken for events.
    try (OutputStream out =
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
        FileSystem files = FileSystem.newInstance(URI.create(arguments[0]), new Configuration())) {
      System.setOut(System.err);
      Path directory = new Path(arguments[1]);
      if (files.exists(directory)) {
        for (Path file : list(files, directory)) {
          try (InputStream in = files.open(file)) {
            in.transferTo(out);
          }
        }
      }
    }
  }

  private static List<Path> list(FileSystem files, Path directory) throws IOException {
    List<Path> paths = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> found = files.listFiles(directory, true);
    while (found.hasNext()) {
      paths.add(found.next().getPath());
    }
    return paths;
  }
}
