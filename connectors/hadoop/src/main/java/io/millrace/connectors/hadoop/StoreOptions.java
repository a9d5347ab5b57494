/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.BareUnit;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the file system is reached, and as whom. Immutable. */
public record StoreOptions(
    @Option(
            name = "hdfs.kerberosPrincipal",
            doc = "Who the sink logs in as; _HOST is the name of this host.")
        Optional<String> principal,
    @Option(name = "hdfs.kerberosKeytab", doc = "File with the keys of the principal.")
        Optional<Path> keytab,
    @Option(name = "hdfs.proxyUser", doc = "User whose rights and name the files have.")
        Optional<String> proxyUser,
    @Option(
            name = "hdfs.callTimeout",
            doc =
                "Longest time of a single call to the file system; the file is then given up, its"
                    + " unreleased events go to another one. 0 or less: for ever.",
            def = "30000",
            bareUnit = BareUnit.MILLISECONDS)
        Duration callTimeout,
    @Option(
            name = "hdfs.threadsPoolSize",
            doc = "Calls to the file system at a time.",
            def = "10",
            min = 1,
            max = 1000)
        int threads,
    @Option(
            name = "hdfs.rollTimerPoolSize",
            doc = "Threads that look at the time.",
            def = "1",
            noEffect = "one thread looks after all files; what it starts runs on the call threads")
        int timerThreads,
    @Option(
            name = "hdfs.useRawLocalFileSystem",
            doc = "Whether file: paths are written without Hadoop's .crc files beside them.",
            def = "false")
        boolean isRawLocal,
    @Option(
            name = "millrace.hadoopConf",
            doc =
                "Directories with core-site.xml and hdfs-site.xml, or such files. Without it the"
                    + " environment's HADOOP_CONF_DIR.")
        List<String> hadoopConf,
    @Option(name = "millrace.hadoop.*", doc = "Settings of Hadoop's client, by their own names.")
        Map<String, String> hadoop) {
  public StoreOptions {
    if (principal.isPresent() != keytab.isPresent()) {
      throw new ConfigurationException(
          principal.isPresent() ? "hdfs.kerberosKeytab" : "hdfs.kerberosPrincipal",
          "hdfs.kerberosPrincipal and hdfs.kerberosKeytab belong together; one of them is missing");
    }
    hadoopConf = List.copyOf(hadoopConf);
    hadoop = Map.copyOf(hadoop);
  }
}
