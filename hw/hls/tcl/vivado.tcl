# vivado.tcl - the exported core and the processing system as a block design, then a bitstream: vivado -mode batch -source tcl/vivado.tcl
#
# In: settings.tcl beside this file; the core that hls.tcl exported; the board's files (Tools > Vivado Store, or the vendor's archive).
# The environment: DYBNN_WORK (default: build), DYBNN_JOBS (default 4), DYBNN_STOP=design to stop before synthesis.
# Out: NAME.bit and NAME.hwh (for PYNQ), NAME.xsa (for bare metal), utilization.rpt and timing.rpt in DYBNN_WORK.

proc environment {name default} {
  if {[info exists ::env($name)] && $::env($name) ne ""} { return $::env($name) }
  return $default
}

# The newest version of the board's files that is installed.
proc find_board {pattern} {
  set boards [lsort -dictionary [get_board_parts -quiet $pattern]]
  if {[llength $boards] == 0} {
    error "dybnn: no board files match $pattern: install them (Tools > Vivado Store > Boards, or set_param board.repoPaths)"
  }
  return [lindex $boards end]
}

proc build {} {
  set here [file dirname [file normalize [info script]]]
  set root [file dirname $here]
  source [file join $here settings.tcl]
  # processing_system, clock_and_reset and connect_memory of this family of devices.
  source [file join $here $::dybnn(family).tcl]
  set work [file normalize [environment DYBNN_WORK [file join $root build]]]
  set core [file join $work hls $::dybnn(name) solution impl ip]
  if {![file exists [file join $core component.xml]]} { error "dybnn: no core in $core: make ip" }

  create_project -force $::dybnn(name) [file join $work vivado] -part $::dybnn(part)
  set_property board_part [find_board $::dybnn(board_part)] [current_project]
  set_property ip_repo_paths $core [current_project]
  update_ip_catalog

  create_bd_design design
  set engine [create_bd_cell -type ip -vlnv dybnn:hls:$::dybnn(top):1.0 engine]
  set ps [processing_system [dict keys $::dybnn(memory)]]
  lassign [clock_and_reset $ps $::dybnn(clock_mhz)] clock reset

  connect_bd_net $clock [get_bd_pins engine/ap_clk]
  connect_bd_net $reset [get_bd_pins engine/ap_rst_n]

  # Registers: the processor's general port -> control.
  interconnect control 1 1 $clock $reset
  connect_bd_intf_net [get_bd_intf_pins $ps/[general_port]] [get_bd_intf_pins control/S00_AXI]
  connect_bd_intf_net [get_bd_intf_pins control/M00_AXI] [get_bd_intf_pins engine/s_axi_control]
  connect_bd_net $clock [get_bd_pins $ps/[general_port_clock]]

  # Memory: the engine's masters -> the processor's memory ports; an interconnect also where there is one master only, because the
  # port may be narrower, or AXI3.
  dict for {port bundles} $::dybnn(memory) {
    set name memory_[string tolower $port]
    interconnect $name [llength $bundles] 1 $clock $reset
    set i 0
    foreach bundle $bundles {
      connect_bd_intf_net [get_bd_intf_pins engine/m_axi_$bundle] [get_bd_intf_pins $name/[format S%02d_AXI $i]]
      incr i
    }
    connect_bd_intf_net [get_bd_intf_pins $name/M00_AXI] [get_bd_intf_pins $ps/[memory_port $port]]
    connect_bd_net $clock [get_bd_pins $ps/[memory_port_clock $port]]
  }

  connect_bd_net [get_bd_pins engine/interrupt] [get_bd_pins $ps/[interrupt_pin]]

  assign_bd_address
  exclude_all_but_memory
  validate_bd_design
  save_bd_design
  make_wrapper -files [get_files design.bd] -top -import
  set_property top design_wrapper [current_fileset]
  if {[environment DYBNN_STOP ""] eq "design"} { return }

  launch_runs impl_1 -to_step write_bitstream -jobs [environment DYBNN_JOBS 4]
  wait_on_run impl_1
  if {[get_property PROGRESS [get_runs impl_1]] ne "100%"} { error "dybnn: implementation failed, see [get_property DIRECTORY [get_runs impl_1]]" }
  open_run impl_1
  report_utilization -hierarchical -file [file join $work utilization.rpt]
  report_timing_summary -file [file join $work timing.rpt]
  set slack [get_property SLACK [get_timing_paths -delay_type max -max_paths 1]]
  write_hw_platform -fixed -include_bit -force -file [file join $work $::dybnn(name).xsa]
  file copy -force [file join [get_property DIRECTORY [get_runs impl_1]] design_wrapper.bit] [file join $work $::dybnn(name).bit]
  file copy -force [lindex [glob [file join $work vivado $::dybnn(name).* sources_1 bd design hw_handoff design.hwh]] 0] \
    [file join $work $::dybnn(name).hwh]
  puts "INFO: dybnn: worst slack $slack ns at $::dybnn(clock_mhz) MHz"
  if {$slack < 0} { error "dybnn: timing is not met: compile with a lower --clock" }
}

# A SmartConnect between `masters` and `slaves`.
proc interconnect {name masters slaves clock reset} {
  create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect $name
  set_property -dict [list CONFIG.NUM_SI $masters CONFIG.NUM_MI $slaves] [get_bd_cells $name]
  connect_bd_net $clock [get_bd_pins $name/aclk]
  connect_bd_net $reset [get_bd_pins $name/aresetn]
}

# An exact clock of so many MHz from one of the processing system, and the reset that goes with it.
proc clock_from {source_clock source_reset mhz} {
  create_bd_cell -type ip -vlnv xilinx.com:ip:clk_wiz clock
  set_property -dict [list CONFIG.CLKOUT1_REQUESTED_OUT_FREQ $mhz CONFIG.RESET_TYPE {ACTIVE_LOW}] [get_bd_cells clock]
  create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset reset
  connect_bd_net $source_clock [get_bd_pins clock/clk_in1]
  connect_bd_net $source_reset [get_bd_pins clock/resetn] [get_bd_pins reset/ext_reset_in]
  connect_bd_net [get_bd_pins clock/locked] [get_bd_pins reset/dcm_locked]
  connect_bd_net [get_bd_pins clock/clk_out1] [get_bd_pins reset/slowest_sync_clk]
  return [list [get_bd_pins clock/clk_out1] [get_bd_pins reset/peripheral_aresetn]]
}

# The engine has no business in the processor's peripherals and in its boot memory.
proc exclude_all_but_memory {} {
  foreach segment [get_bd_addr_segs -quiet -of_objects [get_bd_addr_spaces engine/*]] {
    if {![string match *DDR* $segment]} { exclude_bd_addr_seg $segment }
  }
}

build
exit
