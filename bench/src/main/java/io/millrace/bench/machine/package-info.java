/** What the runs stand on: directories, the disk's speed, the machine's facts. */
package io.millrace.bench.machine;
