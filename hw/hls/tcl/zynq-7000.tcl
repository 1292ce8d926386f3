# zynq-7000.tcl - the processing system of Zynq-7000 for vivado.tcl: its block, its ports by name, its clock.
#
# Its memory ports are AXI3: the interconnects cut the engine's bursts into 16 beats.

proc processing_system {ports} {
  set ps [create_bd_cell -type ip -vlnv xilinx.com:ip:processing_system7 ps]
  apply_bd_automation -rule xilinx.com:bd_rule:processing_system7 \
    -config {make_external "FIXED_IO, DDR" apply_board_preset 1 Master Disable Slave Disable} $ps
  set options {
    CONFIG.PCW_USE_M_AXI_GP0 1
    CONFIG.PCW_USE_FABRIC_INTERRUPT 1
    CONFIG.PCW_IRQ_F2P_INTR 1
    CONFIG.PCW_EN_CLK0_PORT 1
    CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ 100
  }
  foreach port $ports {
    lappend options CONFIG.PCW_USE_S_AXI_$port 1 CONFIG.PCW_S_AXI_${port}_DATA_WIDTH $::dybnn(port_bits)
  }
  set_property -dict $options $ps
  return ps
}

proc clock_and_reset {ps mhz} { return [clock_from [get_bd_pins $ps/FCLK_CLK0] [get_bd_pins $ps/FCLK_RESET0_N] $mhz] }

proc general_port {} { return M_AXI_GP0 }
proc general_port_clock {} { return M_AXI_GP0_ACLK }
proc memory_port {port} { return S_AXI_$port }
proc memory_port_clock {port} { return S_AXI_${port}_ACLK }
proc interrupt_pin {} { return IRQ_F2P }
