# tcl-stand-in.tcl - for tcl.test.ts: AMD's commands as ones that print what they are asked, and as little of an answer as the scripts need.
#
#   tclsh tcl-stand-in.tcl SCRIPT        HW_HEADER, SLACK in the environment say what the tools come to

proc say {args} { puts [join $args " "] }

foreach command {
  open_project set_top add_files open_solution set_part create_clock config_interface csim_design cosim_design close_project
  create_project update_ip_catalog create_bd_design apply_bd_automation connect_bd_net connect_bd_intf_net assign_bd_address
  exclude_bd_addr_seg validate_bd_design save_bd_design make_wrapper launch_runs wait_on_run open_run report_utilization report_timing_summary
  write_hw_platform set_property
} {
  proc $command args "say $command {*}\$args"
}
foreach command {get_bd_pins get_bd_intf_pins get_bd_cells get_files get_runs get_bd_addr_spaces} { proc $command args { return [lindex $args end] } }
foreach command {current_project current_fileset get_timing_paths} { proc $command args "return $command" }

# Synthesis and export leave a driver's header.
proc leave_header {folder} {
  if {![info exists ::env(HW_HEADER)]} return
  file mkdir $folder
  set channel [open [file join $folder xengine_hw.h] w]
  puts $channel $::env(HW_HEADER)
  close $channel
}
proc csynth_design {} {
  say csynth_design
  leave_header [file join $::dybnn(name) solution impl misc drivers engine_v1_0 src]
}
proc export_design args {
  say export_design {*}$args
  leave_header [file join $::dybnn(name) solution impl ip drivers engine_v1_0 src]
  close [open [file join $::dybnn(name) solution impl ip component.xml] w]
}

# Newest last by number, not by letter.
proc get_board_parts args { return [list [string map {* 1.10} [lindex $args end]] [string map {* 1.9} [lindex $args end]]] }
proc create_bd_cell args {
  say create_bd_cell {*}$args
  return [lindex $args end]
}
proc get_bd_addr_segs args { return {engine/Data_m_axi_gmem_w0/SEG_ps_HP0_DDR_LOW engine/Data_m_axi_gmem_w0/SEG_ps_HP0_QSPI} }
proc get_property args {
  switch [lindex $args 0] {
    PROGRESS { return 100% }
    SLACK { return [expr {[info exists ::env(SLACK)] ? $::env(SLACK) : "0.125"}] }
    DIRECTORY {
      set work [file normalize $::env(DYBNN_WORK)]
      file mkdir [file join $work vivado $::dybnn(name).gen sources_1 bd design hw_handoff]
      close [open [file join $work vivado $::dybnn(name).gen sources_1 bd design hw_handoff design.hwh] w]
      close [open [file join $work design_wrapper.bit] w]
      return $work
    }
  }
}

set script [lindex $argv 0]
if {[catch {source $script} message]} {
  puts stderr $message
  exit 1
}
