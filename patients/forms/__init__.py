"""What people type about patients and referrals."""
